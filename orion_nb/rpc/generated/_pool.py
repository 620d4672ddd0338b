# Written by `python -m orion_tools.protos` from proto/orion/v1; do not edit.
"""The descriptors of all messages, in a pool of their own."""

from base64 import b85decode

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DESCRIPTORS = b85decode(
    "3ZfMX6mN2AZ*DJkF)wssb8B-haB^>SZxRS^a%pdFE_N{@g#ii%RAFLlWpff33I}s^a%pa7a~J_211Jen2Xl0CX>M"
    "n85-bV`aBpmBV`*h`7y=*zC<`(WE^l&aZ*DGjF)mPVY-wY8QV4KwY-wX@WpffU3JPOyZE$aHWo~qH7y}>!C<`(ZE"
    "^l&aZ*DGjF)l-IZE$aHWo~p*3S)0=aBps9Zgg`ZfddK#P;YE$V|fxO3I$_fV`ya<0U!Y=4l)xiZ*pmGZZ38)E<<5"
    "sXk|@rWMxtXV_{=xWfB+)2XbX}a%p9A7y=*xC=F5va%FUKX=QT~E(#NDZ*z2CcW-iQWpZC~Wpr|BWpfw<AOR>1QW"
    "0!#b97g4a%*LBQe|{<X=QT~9SR3@X>Db1b#xd6AOR==NB~j?bZKp6Z*_Et0Ra*w3JiB)X>?z7X>Db1b#xd7AOR=="
    "NC8p{cVTICRB3HxZ*_Et0Ra*$3J-H|Wn*=0VRU6*VP<q?au^060Vn}T0#XihaAjk4Y+-a|L1uJia)<!|5*7*uX>D"
    "+Ia%C6?AOR={QU+;laCLHJ5-17;YiVv|7ziK%C=N0dE^l&aZ*DGjF)mkca%*LBOKEOoQUq&hZe$V~3J7p=X>W3Ab"
    "a@yFAOR>5QV4KzX>W3Aba_Gw3J70xX>Db1b#y`x3JqU(VQF+<bZKp6Z*_D+5(*Gsb8uy2b!=gDWnW=tbY*fPUkV9"
    "BZ*6dIZe?zC5)ujoYiVv|7y%#wC<#&oYiVv|5)ujoZeeX@7y=*xC<#&oZeeX@5*7*uWNBw*b95L3AOR=|QU+vcXJ"
    "vDA5)ujoZf|sD7z7{zC<#&oZf|sDB1j4bQe|UlaAgu63JPOyZE$aHWo~qH7y%#yC=F5yV{dJ6Z*FC7baN6O3JP#?"
    "Z+2yFVQyn(7y=*zC<#&uaB^>UWo}_^V`U;S3IkGQW)cz#1ax6@YZw6_0VoMl1ax6@YZ4X;25)tAaCLMT0w4h>2~q"
    "}cb#!obbRxC_3ItSPb88X~3Ib_l7y%#wC<#&mX=D--3IuLpZDkk&AOR>1QUq>cZDkTA3I=IzaCLNZ7y}>!C<`(TE"
    "^l&aZ*DGjF)mVNW>N-eZg6#Ua}pE^1z~1%WpWq<AOk1~QUzgVbY*f97zzh(b#!obbaNO5AOk23QU`B!bZ~Waa}pE"
    "^1!r<^b#NF4AOR>1QUzynZ*_1IC<+F0Wn*b@Wf%t_0VoSH5H4?WX>V>Wb}=qeWn*b@Wl{!mWn*b@WfCb05Or>2VP"
    "j}zWM5)sV_|i3Wf%w`0VoYp4|Q&1VPj}zWI|<QVRdt55*7*uaBpmBV|f?}AOR>1QU-8uY-wY85*P{xb7gaLX>V>A"
    "3LpU}4N?blWpi_BZ*CG63I=RpVr6V|7z-c+C=F5uY++($Y;z(=3I<PgbZ~Wa5)ujoZeeX@7y%#wC<#&oZeeX@5*7"
    "*uWNBw*b95L2AOR=|QU+vcXJvDA5)ujob7^{I7y}>yC<Iajb7^{IB9#FO2~=ToYejN$Z*me63IuCuZe$n%AOR=|Q"
    "Uq&hZe$V?3Iud{aAg<*AOR=|QUr8)aAgu03I}avb8}&5Wf%h>0VoMl2W@3@b75y?5*!K%baG*1Wny7tYZwF|0VoM"
    "l33PH{V`XAtV`~x;3It+oZ(<k)AOR=|QUqdbZ(<S@3I%3qZeeT~1|R__2vP-RX>MU`BDw(z3_)XbX>V>)Wpj0GbP"
    "^B>18Ze@7y%#wC<#&nYh`&7Dhda0b#!obbaNO2AOk21G7v6ra%pdFE_N|4Pjz%~b#zh(Z*_EVb#!wQ8VU$xb#h^J"
    "X>V>A10Vq?0a6HLb#h^JX>V>49tsL{a$#<BV{&P5bQlC60VoMl3UqQ|ZgXRDX>fEB777M$a%pF2ZWsk10VoMl25)"
    "j{XK8K{7zzhta%Ew3Wn>rzAOR==QU_ylWnpw>WFqhZ3I;=HVQyz-5)cXlb7gTD0U!Y=1X2TYWpNS?3Ibtt7y=*xC"
    ";?IeVRRA_3Iudvb88p_AOR=|QUr8ib88YI3IlI!WEcb>0VobK4=!(VX>V>Wb}=qfbYXO5QUh;nWD+3?18!w^7zH2"
    "!C=N0YE^l&aZ*DGjF)mYdVRU6u18!w^5)cXlcW8MS1|R__2~q=hXn7JC3I}0ybY*RDbQlL90VoYp2Vrz{Wo>YD5*"
    "7*ucW-iQWpWq@AOR=|QU-T#a%*LB5+(`;WMy<=X>1q?AOk21G7c_pa%pdFE_N|4Mqy)gQU+vYbYW?1BHjWD1V&+F"
    "bP^H@1a4t%Wf%b<0VoMl1a4t%WfBw$1axJ1bQl640VoMb08#{WWq5QF7zze%b!}p0au@?30Vn}T08$2Sb!}p0auO"
    "5@1ZHeuXBY$^0VoJa08#{IY++{-D+&c=a&m8S7zH2!C<`(ZE^l&aZ*DGjF)mbLb8AI%a&K}-08#~Ia&m8S5+n))b"
    "YXLA7zQ8#C<`(UE^l&aZ*DGjF)mbLb8AQdQUr8ib88YU3I}g>bZ~Waa~KC80VoSH5iW0XX>V>Wb}=qbb#!obbaO}"
    "mQU`B!bZ~Waa}qEL26AO{b!>DP2p|C{3o;fiZ*pmGZZ38)E<s~-X>V>)Wpj0GbVvYF26AO{b!>DJCkh2_VQpn|7z"
    "rQ&C<`(VE^l&aZ*DGjF)mJFZDn&v08#~RVQpn|5*7*tcW7^HWf%$|0Vonk08#~aXm4y~LI(;3c42IFWg;~S2Tyf$"
    "aCLNZ5-JJ@Z*_EVb#!wW0U!e?3o;NcZ*pmGZZ38)E>CrIaCLN22XA$BaCLNZA{`0^PGN0ja}pE^1#V$&Wpfw-AOk"
    "1~QUz{dZDn&Je+mUga$#*{5)ujobYXLA7y%#wC<#&obYXLA5*P{xVRUq5ZE$oL0w4h>4N?bTbaZ8HaC8z73IlUxa"
    "To(20VoYp19N3@5)ujoYiVv|7z7{zC<#&oYiVv|5)ujoWMOn+7zH2!C=5~rWMOn+5)KLiVRRS<AOR==QUYOgB8&k"
    "F2vBlwXL4n8a}p8?1ax6@YZw6_0VoMl1ax6@YZ4d=2Vrz{Wo>YD7y=*xC=F5vVRUq5ZE$oF5()%lZ*FB610Vq?0a"
    "65HZ*FB06bc1&Z**a77z7{zC;?IhbZ>NFY!Vm>2W@3@b75y?7zH2!C<#&rZDn(FVP|C$4hjNcbQlI80Vn}d0%3G2"
    "kO2w>Q*>c;WfBew3R6@;R7GD-PfkS;01^ud2UkH!R7p-p5CIYk3I|Y9PeMsfM-T!M2?_;LML|Sa5Cakm3I|eEPEJ"
    "WqM-T)O3knB9K|@PVMn(_?5(o+eL{Cmd5C#$o3I;|&NlZmV5C;+y3J+CKQ&dt#K}}yqK}k$SL=XrP4GIZEK~6(OO"
    "iV>Y5D6+m3JF7DV`ybfZ)9Z>5ef}MK|@GIUqnSlK~+pt5C9Sr3J*g;Lr6tmQbj{gO;A--MGyfJ4GIZEK|@GIUr$C"
    "x5CSSC3JO<ma%*LBOKEOo5(^3kP*P7rMN?A{01^rc22@B=ML|Rm0b&Mla&L5RGYXm<3Keg1X>V>Xb}=t=baG{3Z7"
    "y(fZ**@G2yb#}Z*DGjF&Y$aa%pdFFLp66bYXLAb1ralZ**@W*aHd)RBuvsZggpFWfB+)2XbX`b!BsO7y%#wC<Iam"
    "a%FLKWpi{ACkh2<Wo&G37y=*xC<`(VE^l&aZ*DGjF)m1DY;12x08#~LWo&G35-JJ?b9G{EX>=F^AOR=~G7v6ra%p"
    "dFE_N|4Q*~l(X>>>cQU-H%Vr^-35-JJ?V_|M%Wo#G(AOR=~G7v6ra%pdFE_N|4Lt$=XWo$?QQU+sTZewL^5+@1;a"
    "%FUKc^CyC0VoSH4=!(VX>V>Wb}=qeWpr|RNB~j=a%FUKc@ilK24-(^XJvF41|R__3o;KbZ*pmGZZ38)E>vN2Yja2"
    "dQU+#ka%W|95-AD>W^Zh4Z+936AOR=~G7m0qa%pdFE_N|4RAF;#b4UPE24-(;Y;SiGCkh33VRU0?7ziK%C<`(VE^"
    "l&aZ*DGjF)mkObYo~p08#~aVRU0?5-kb`b#8ZIbYo~32_OL|3o;QdZ*pmGZZ38)E>&)KVRU0?NB~j?b#8ZIbYo}|"
    "Bnkv`Wo2#{3LpU}3o;HaZ*pmGZZ38)E>mS?Zb$%91aoC&ZW1aA1a4(_a~KOC0VoSH6fSRaX>V>Wb}=qjZ*ps8a!z"
    "G;b4UPE1a4(_b3z9S1#fa>WpX0d0SXI7a&K)?b#8QNZDkTG3I}&(Y-4Y2Wf%b<0VoSH5iW0XX>V>Wb}=qjWo%<_Z"
    "DmpicV%p2Z*64~B?<*)Ze(R-7y=*zC<`(VE^l&aZ*DGjF)l@JWMyPh1!ZnzWn>Z|3It(eYjYR_AOk21G7T<oa%pd"
    "FE_N|4L1SxD1Yu)qa}pv71ZHJrWEcb>0VoSH4lZwUX>V>Wb}=qSWo2Yi1ZHJrWD+e325)j?WpZ;E1t0?`3o;chZ*"
    "pmGZZ38)E>~}IYh`jza%5$4QU-5wWMy)5B7p%41xRIVY;O`83J7p=Z**^CZ)_L=AOR>1QV4KzZ**^CZ)_463I}#&"
    "a&u{KZWsa}0VoMl2X<w0b7^mG5*P{xb7gaLX>V>A10Vq?2~r1hWpi_BZ*CG63I=0rX=QG77z7{zC<#&qV{B<<Zgd"
    "h53IlLyWEce?0VoYp18`|%B9{UR2UlfmV{dI`5*i8!aB^>SZ)0z47y%#wC=F5waB^>SZ)0z45*P{xc4cyNX>V>A0"
    "w4h>2~r1kWpZ<AZ*CG43I%0wZ)0c}10Vq?2~q`RaBpL15)=vrV{C6@YZwF|0Vn}d1!HV)V`~x{3JGIjV`ybxWNC6"
    "31t0+^2~r4SVPj}zL}_vo9SRC#VPj}zUu|J>YZwL~0VoMl31eYnXk|@da%&PF3JYUlV`ybxY-w$2bQlL90Vo7g3S"
    "(hoXk|=kZE1887zzhub#h^1Y-Jb-AOR={QU_#pa$#a@WfBq!1Z!z-WEcq`0VoMl1Z!z-WD*|=3u9qpXk}k>X>Ma>"
    "7z!W(C;?ImV_{=xWm9QxV`U<)0SX3Fbz*I4bP^H@1Z{6}Wf%b<0VoJk1Z{6}WfD3H40CmIa&L8RWNB_^a~J|30Vo"
    "SH7A|jcX>V>Wb}=qfb#iiVb#7#7ZfA2+40CmIa&L8RWNB_^a}p>D26SO!Y-Mv810Vq?3o;NcZ*pmGZZ38)E>vM+Y"
    "-Mv&26SO!Y-Mv2DhdU3VRLJ97z7{#C<`(aE^l&aZ*DGjF)mPHV{2t(RAF;#QU!Ejb8B-VVhRjXb#iiVb#7#7ZfA2"
    "69100!X>w&_bZ>Hb7y%#wC=5~wWNC6`V{~tFc@h!|1aM(=Xcz(@11Jnq1aM(=Xc8a_3uSJ0X>xCFZDnqB7y}>!C="
    "5~yWo~w9a&K;JWo~pLqX7yEP+?<hWn@%gb88YJ3Iudvb88p@AOR=~G7c_pa%pdFE_N|4RAF;#QUr8ib88Y53It<e"
    "Y-|_;AOR>0NB~j<V_|G;5)=vqVr*|>7y}>yC<#aaQUqdbZ(<S@3IuCqaC8_1AOR={NB~j<Yh`eB5+@1;XK8k2ZWs"
    "k10VoSH4=!(VX>V>Wb}=qTX?A69NB~j=XK8k2ZbAkM1Y>VxWg=Ay1xIOiWo{A{3I=3pXJvDA7y%#wC<#&qWNBw*b"
    "953C3Iua$dSw^_AOR=@QUr5pdSwz93It?fbYU0+AOR>0NB~j<WMOn+hyejY2MPsWWMOn+A}|UDLt$=XWo!}@3I%j"
    "wb8B-L0U!e?2~q`gVRLJ95)cXlcW8MS0w4h>2~q=hXn7(%3I$SSbaHtT6bc1&VRLJ97y%#yC<#&pbYXLAa}pj33S"
    "@70ZgX^UWnpa?0w4h>2vQ1UZ+C8UbaG{3Z6X~C1yo^kYjYA53I%jwb8B-L0U!e?2~q`gVRLJ9B2NkhS7CHxXc80("
    "1!Zt=V`vxwAOR=|QUzsjZ)0c@5DEixWpNk+AOR=@QUh~kaS|R13T1X>a(Q%UX>Mm210Vq?2vQ1Vc4cyTbZBXAXCe"
    "s-2UTu&VRU0?A{Yt;Q)Ojt5)cXlb7gTD0U!Y=1X2TYWpN@#3Ijo7YZ4d=2XbX`b!BsO7y%#wC<Iama%FLKWpi{AB"
    "?<*)a&m8S7y=*xC<`(VE^l&aZ*DGjF)l@Na&K}{1!Zz_Z*n3v3I#=Sa&K}H5()%#d2nSI0U!Y=2~q@fd2nSC7zzh"
    "%Wpi_3XJr@yAOR=|QU`5ib8}&5Wg>101x0RTWn>Z(3Iudvb88p@AOR=|QUr8ib88YM3I%g?VRU5}0w4h>4l)leZ*"
    "pmGZZ38)E>m=2bY)Tnb97;JWfCe12XA$BaCLNZ7y}>!C<`(WE^l&aZ*DGjF)mVNb9HQVQU`B!bZ~Wab0TUA22y2n"
    "b!>DJ5()%vVQpm?0U!Y=2~q@ZVQpm+777MrX=i0~bQl640VoMl24rbxWpi{A5()%!X?kTC10Vq?1X2WZX?kT67YY"
    "PqVRT^_1Rwz@3`hV{1Y}`!VTb_%LI(;3Uu0o)VIq(L3Is-FWn>Z*3I%0wZ)0c}0U!Y=2~q`RaBpL15)cXlb7gTD0"
    "w4h>1X2TYWpNS^3Ik_ha2Nw10VoJk17~4y5-17=bYWs_Wpfw=AOR=~G7v6ra%pdFE_N|4RAFLlWph#nbYWs_Wpff"
    "F3I%C&Wo>g91t0?`3o;HaZ*pmGZZ38)E=hD{ZBhkkbY*RGB9#FO1W9ydZ4xR924iSpZf9i}0U!Y=3o;NcZ*pmGZZ"
    "38)E<<QxZf9jk08$2HXkl(=WfCU}1!i(#ZDkk&AOR=~G7m0qa%pdFE_N|4Msi_oWk>*01!i(#ZDkTL3J7p=Z)b94"
    "b8{F2AOR=~G7>Ita%pdFE_N|4P;zf)a%FRKNB~j@aB^>Fa%FRKLIw&1X>?_6BBB8b3s-M)Yh`jza%5$45*7*ucW-"
    "iQWpWq+AOR=|QU-T#a%*LB5*7*uZgp*9WpWq-AOR=@QU-2yZDM6|5-17-a&>MP10Vq?3o;ZgZ*pmGZZ38)E<tm1X"
    "=iS2Wo~px08#^Tb#4+C3I%g?WnpX>1Rwz@2uJ`@1#@&|VQdl@3I=0gZewL^7zH2!C<sUZQU+sTZewL^LI(;3Z*pX"
    "1aw4<=3JO7Ub7^O8ZDnqB5)ujobYXLA7y%#wC<#&obYXLA5*P{xVRUq5ZE$oL0w4h>4N?bTbaZ8HaC8z93IuLpZD"
    "kk(AOR=|QUq>cZDkTC3I=IzaCLNZ7z7{#C<`(VE^l&aZ*DGjF)l}Gc4cl-25D|^b#!wQAqoU?WoC021t0?`3o;EZ"
    "Z*pmGZZ38)E>dM?QUr2kW^)o43I}g>bZ~Waa~K9711Jen2XA$BaCLNZBG&>63RiD(Yh`jyWp{HD777M;Z*ps8au@"
    "+10VoMl26u0AYh`j0777M#b!}p0au@<20Vo7g25xn2Vr6m?Bnkv%Z*FB610Vq?3o;HaZ*pmGZZ38)E=^%%Wk>*01"
    "Y~b+WfCe124-PtY-MB^1Rwz@3o;NcZ*pmGZZ38)E<$o|Yh`Xo08$2KVQFk-WD+C_1Z;0}bQlF70VoSH4lZwUX>V>"
    "Wb}=qYZ*z1=08#{OZ*z1K9tsIzVqtD%Z*FB|7zQ8#C<sUZQVC&VVQyq^Ze?T=7zze+bZ=~BZWsq30VoJa08$2XbZ"
    "=~BZW1jD2XJy}Zggd27ziK%C<`(XE^l&aZ*DGjF)mPYX>N37WJmx~2XJy}Zggd25-<t~aB^>Fa%FRK7zrQ&C<`(Y"
    "E^l&aZ*DGjF)mPYZ)b94b8|=lQV4KzZ)b94b8|ul3IuLtcXJ|U3It7IWMvX63I}g>bZ~Waa~J_211JkJ5H4?WX>V"
    ">Wb}=qeWpj0GbW#Uzb#!obbaN6I3I}s#V{dL`a~J|30Vn}d2Xkd(Z*F9B5*P{xV`yP+XJup<10Vq?2vP@QXkl(=W"
    "n>~`3I;-QZ);_45-AD=WpZ+Fau@+10VoSH6E1IZX>V>Wb}=qgVRLIma&m8SQUzsla&K}HAqoj)cw=R7bZKvH7y=*"
    "xC=5sdQVC^vV`Xr3X>V?b0Rch`3JPCkcw=R7bZKvHA}|UBOmA~^5*7*uWNBw*b95L1AOR=|QU+vcXJvDA5)cXlcW"
    "8MS0w4h>2~q=hXn7(s3I|YfX>N37WD+L|24-?$ZDn&90U!e?3o;KbZ*pmGZZ38)E=F=;ZDmphW^!R|WpiQ%aB^>S"
    "Z!-$b9|{(4a%pdFFLp66a&>NWX>DaLaB^>SZxRS^a%pdFE_N{*6mN2AZ*DJkF)wssb8B-haB^>SZyFVEa%pdFFLp"
    "66b98cLVQnsOa&L5RA_ocuMQw0&c_JPP2vlKnYffQpWfBq!1a4t%Wf%b<0VoMl1a4t%Wg;O83sYrtb7^mGPGN0j5"
    ")ujoZeeX@7y%#wC<#&oZeeX@A{`0^LvM9%bP^N_1!He@Zgdy{AOR=@QUzmgb#8PbGzte(Wn*t{WOEW73I}s#V{dL"
    "`a~J_20Vn}T08$5YWn*t{WOIlC0YVB22w!t$V{dL`b0Q!L21IFRWpi{A777MrX=i0~bQl330VoMl24rbxWpi{QBM"
    "JvZX=i0~baN6I3I}9qXJvDAa~J_211Jen2V`kyWpi|MB4-K<RAF;#Qe|*&a&&VNC<+F2VPb4$a~J_20VoSH5H4?W"
    "X>V>Wb}=qgVPb4$b5aI$VPb4$a}q8J2XbX_Z*p{V7y=*zC<`(aE^l&aZ*DGjF)mbLb8Av%aBp&SQU`KnaBp&Sb0V"
    "e!3JO$Vb8Av%aBp&S5+Vu&bYXLA7y%#wC<`(UE^l&aZ*DGjF)mbLb8AurbYXLA5+w=+b97;JWf%e=0VobK4=!(VX"
    ">V>Wb}=qfbYXO5QU!B#VRU5@5DEipWqB9_AOR=|QUhycc@ioL2XA$BaCLNZ7z7{#C<`(WE^l&aZ*DGjF)mMabZ~W"
    "aQU`B!bZ~Waa}p^E1!Zz_Z*mv~AOR=~G7~Oua%pdFE_N|4RAF;#MRIa)a#96la&m8S5-17-XlZm91|R__3o;fiZ*"
    "pmGZZ38)E<s~-X>V>)Wpj0GbW#IoX><}23IuX*Z*&+3AOR=|QUr2uZ*&qS3I%g?Z*qAU2p|I}3o;NcZ*pmGZZ38)"
    "E<<QxZf9ju1#@(7a(N;*3JXSZVQpn|Q)zBvWfBq!1ax6@YZw6_0VoMl1ax6@YZ4R+1#@X`V`UfuAOR>1QU!BqZew"
    "L4H3|wwa$#*{LSb}cXc8w124-?$ZDn&90U!e?3o;KbZ*pmGZZ38)E=F=;ZDmphW^!R|Wpg4(3I<nUZggd25)ujob"
    "YXLA7y%#wC<#&obYXLA5*7*uZ*_EVb#xd4AOR=|QU-5zbZ~Wa5)ujoY;SXP7y}>yC<#&oY;SXPB3B9rOmAahbY)}"
    "`777MrX=i0~bQl330VoMl24rbxWpi{A5()%!X?kTC0w4h>1X2WZX?kT67YYPqVRT^_10Vq?3`hV{1Y}`!VTb_%LI"
    "(;3Uu0o)VIuee3JpeKX>4_JWm08uZ*p`J5()%vVQpm?0U!Y=2~q@ZVQpm+B?<*|bYXO57y=*xC=N0YE^l&aZ*DGj"
    "F)mYdVRU6u1#@&^bY&7L3I%0ya&K}N10Vq?3o;WfZ*pmGZZ38)E>vN2YejN$Z*o!vWpZ+FauOj531xU=WpH$9Z*C"
    "X_AOR>0NB~j^Wq4y{aCB*JZioQ^5-17=bYWs_Wpfw>AOR=~G7v6ra%pdFE_N|4RAFLlWph#nbYWs_WpffH3I%g?Z"
    "*qAU1|S0{3o;NcZ*pmGZZ38)E<<QxZf9ju1#@(7a(O}w3JPCkcw=R7bZKvHB6|u7L1SZOaCBjAV`UN&3Iudvb88p"
    "@AOR=|QUr8ib88Y13Il6pc^Cp90VoMl18Ze@5;F=4V{dJ6Z*FC7baNO3AOk21G7~Oua%pdFE_N|4LvL+xZ*FC7bW"
    "#dqZ*6dIZe?zCa}p8?1a4t%Wf%k?0VoMl1a4t%Wg<xm1w&|cZfg<}3It?fbYU0)AOR>0QUqjSbYT({3I%j;bYW~5"
    "0w4h>1X2ZbZ**a75*7*uWNBw*b95L3AOR=|QU+vcXJvDAB035TP;zf#WkGIpcV%*O5-JJ=XlZnF7y%#yC<`(cE^l"
    "&aZ*DGjF)l%4bZKvHQe|^>Y;;ltXlZnFA}<ODOJ#Xgb7gZ9Bnkv|b7gZF0U!e?3o;NcZ*pmGZZ38)E=y&3RdZ!h1"
    "a)&|b0S{~21{jmRdZz$5DEipWqB9@AOR=|QUhycc@i@U3S)0=aBps9Zgg`P0w4n@3o;WfZ*pmGZZ38)E<<l^aBps"
    "9Zgf%#V{dJ6Z*FC7baN683Ibtt7y}>yC;?IeVRRyO3JODEV`yblbYXO55*P{xWo~qGX=QU50U!Y=1X2fOZgg^KWp"
    "fe~3I$?$bY*iG0w4h>1X2ZJd30rS5*Z2wY-w$2bQl950Vo7W08#~PX>DnAhyei-5()%xVRUF11Rwz@2~q@bVRUFh"
    "2nq&YY-w$2bRs?q3`1dKXk|ribaH8Ba}q8J2W4(_a%p9A7y%#yC<`(aE^l&aZ*DGjF)l-4V`ybXZgg^aQU_&jbaH"
    "8Bb0U5U3PWLIXk|ribaHtT5DEipWqB9@AOR=|QUhycc@h!|1a4t%Wf%e=0VoMl1a4t%WfBw$1!8%0Wpfw<AOR=@Q"
    "UzjpbY*iA8VU$xb#h^JX>V>A1Rwz@0a6HLb#h^JX>V>47zzhta%Ew3Wn>ryAOR==QU_ylWnpw>WFn;k3Jg+pZggp"
    "FWm9xvbY&6}3IuCuZe$n%AOR=|QUq&hZe$V=3IlLyWEcV<0VoYp18`|%5*P{xc4cyNX>V>A10Vq?2~r1kWpZ<AZ*"
    "CG63I=d_bZBpG7z7{zC<#&qaCvlSZ*CG83I}s^VRCe3WEce?0Vn}d2Xk~`a&%>65)=vrV_{=xWf%q^0VoMl1!G}j"
    "Xk`)*3Il9!XBY<{0VoMl18i?+5-$n|cW-iQWpZ;E2p|I}3o;chZ*pmGZZ38)E>~}IYh`j%bYXO5QU`Z$a%*LBa}p"
    "K`24!|-Zgg`P2_OR~2~q}Sc4cmKa}qKN2y<m~b7^mGa~KLB11JkJ7A|jcX>V>Wb}=qfWpi_BZ*Eg`VRU6u2y<m~b"
    "7^mGb0R+q3|DV*Yh`j%bYXO5a}qBK2X}9BYh`kC7y%#yC<`(bE^l&aZ*DGjF)mkca%*LBQ*>c;Wl{%sZ*ps8a&sa"
    "@3JX_na%*LBQ*>c;WfBew0%>Fz0U!Y=2~q-SWD*hz1Z!z-WEcV<0VoMl1Z!z-WD*hz1ax6@YZwC{0VoMl1ax6@Ya"
    "*Zl3Jg<ab8~5LZc}t&bY&6}3IuLpZDkk%AOR=|QUq>cZDkT13JGIxZf<2`bY)~10w4h>2vP}SZ*Fd7V{~O?5*P{x"
    "cVTICX>Mm210Vq?4N?bpVQF+}Zf6o03I}p^Zf<FAXBY$^0VoYp2Xb|8ZfS035)ujoWN&U|7zH2!C=F5sWN&U|5*7"
    "*uW?^Y;Wn>rzAOR>1QU+#WX>4U=B83482v%isb7^mGa}qoX2zF(1b7^mGa~J_211JkJATDomX>V>Wb}=qiWpZ<AZ"
    "*FrgR%LQ?X>V?GMQ(I*c~S^=WpZ<AZ*FrMI|>a}WpZ<AZ*Fr%Zgg^a5)cXlYh`&D0U!Y=2~q=VWqA@53I%pyY;|Q"
    "A0w4h>2~q`iVQh6}Is!NWB0dTTPH%K&RAqQ{5)cXlYh`&D0U!Y=2~q=VWqA@83It?fbYU0*AOR>0NB~j<WMOn+hy"
    "ejY2MPsWWMOn+A~gyLPH%K&RAqQ{a}p>D1#WM2Wpfw-AOk21G7>Ita%pdFE_N|4PH%K&RAqQ{QUz{rbY*ig%n1qy"
    "Qgv>0X>DZ^ISL0uZ*Fd7V{{S|E^l&aZ*DGjF)mbZQgv>0X>Da16)tabX>V>Wb}=qSa&K)?b#8QNZDl9{FaZ)X3I<"
    "YTaBp&S5)v+Na%pdFE_N|4RAF;#PGN0j8Wk>Ya%pdFE_N|4RAF;#Qe|*&a&&VNGYSVqVRCF~WpWY^E^l&aZ*DGjF"
    ")l@IaCCVZ6)tabX>V>Wb}=qgVRLIzWpHnDbaOBP5;qD4Msi_oWpff0E^l&aZ*DGjF)l`OVQpn|Q)zBvWf~MNZ*pm"
    "GZZ38)E=F=;ZDm4XbYo~R0TL|=225{bVRU5@5H4?WX>V>Wb}=qjVQzF~WEv4JZ*pmGZZ38)E=+G@VRU6=5;h74Mq"
    "z1eb#i4A5-x9YX>V>Wb}=qgVRLIvVQpm^7cOsdX>V>Wb}=qSVQFl2a%ECwaBp&S5-<t`Lt$)e5)v+Na%pdFE_N|4"
    "RAF;#PGN0j8Wb*Xa%pdFE_N|4P+?<hWn@%gb88Ya3JF7DZewL^L2PUi6)tabX>V>Wb}=qfWpi_BZ*ERuZDkq{E^l"
    "&aZ*DGjF)l@IaCCVRFA4@hV`F7-bP^OUZ*pmGZZ38)E<s~sWpH$1ZewK{4=!(VX>V>Wb}=qRZE$pX5-SP>Qe|Oe5"
    ")dwLa%pdFE_N|4L}_Pbb95RHE^l&aZ*DGjF)l-Bb#7}g0TL_<1y^!ubY&6`E^l&aZ*DGjF)l-Bb#7}K5H4?WX>V>"
    "Wb}=qbb#!obbSME5G71Gya&KZ~5)m$Ma%pdFE_N|4L}_Pbb98eW7A|jcX>V>Wb}=qca&KZ~L2h$*WpZ;8GztqvVR"
    "CF~WpYbpd2<pHE^l&aZ*DGjF)mbLb8AjvZDkq}E^l&aZ*DGjF)mAGc~x^|a}qEL2S{mibZ>Hb5)v+Na%pdFE_N|4"
    "RAF;#PGN0j8WApUa%pdFE_N|4Q)OdsZe(*3GztqtVPj}zQe|*&a&!_8E^l&aZ*DGjF)l@IaCCVZ6fSRaX>V>Wb}="
    "qPVPj}zQ*>c;WfC+B2}5CHXk|=kb9539E^l&aZ*DGjF)l-Ib#8PT7A|jcX>V>Wb}=qPVPj}zMQ(I*X=QT~E(!`mV"
    "Pj}zLu_SXauN?NZ*pmGZZ38)E=6r{ba@&NE^l&aZ*DGjF)l-Ib#8PLGYSY#c4cyQX=Qg34=!(VX>V>Wb}=qRZE$p"
    "X8Wt{Za%pdFE_N|4Qgv>0X>DawbYXO55;6)0S8sA_WpZ;84=!(VX>V>Wb}=qRZE$pX8Wt{Za%pdFE_N|4S8sA_Wp"
    "Yz=VRU745-JJ?Qe|^#dSwz1E^l&aZ*DGjF)l-Ib#8PT4=!(VX>V>Wb}=qRZE$pX5;6)4MQ(O!a&K;JWo~p54=!(V"
    "X>V>Wb}=qaVQpn|8WJvVa%pdFE_N|4R%LQ?X>V?G5-SP>PH%K&5)v+Na%pdFE_N|4PH%K&RAqQ{8V@dSa%pdFE_N"
    "|4MQw0&c@ixO1x{~tWpfe_E^l&aZ*DGjF)l@IaCCVZ6E1IZX>V>Wb}=qaZ**l;Wq5RR5-bV`Q)qQ`WN&wF5)UqKa"
    "%pdFE_N|4MQw0&c^VHcZ*pmGZZ38)E=6r{ba`S1aB^>SZ!-"
)

_pool = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS).file:
    _pool.AddSerializedFile(_file.SerializeToString())


def names_of(path):
    """Message classes and enum values of one .proto file, by name."""
    file = _pool.FindFileByName(path)
    found = {
        name: message_factory.GetMessageClass(message)
        for name, message in file.message_types_by_name.items()
    }
    for enum in file.enum_types_by_name.values():
        found.update({value.name: value.number for value in enum.values})
    return found


def methods_of(path, service):
    """(name, request class, answer class, requests are a stream, answers are one) of a service."""
    described = _pool.FindFileByName(path).services_by_name[service]
    return [
        (
            method.name,
            message_factory.GetMessageClass(method.input_type),
            message_factory.GetMessageClass(method.output_type),
            method.client_streaming,
            method.server_streaming,
        )
        for method in described.methods
    ]
